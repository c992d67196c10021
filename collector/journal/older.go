package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// noPressure are the columns of a run that a journal before version 3 lacks.
const noPressure = `NULL AS pressure_elapsed_ms, NULL AS pressure_some_us, NULL AS pressure_full_us`

// olderViews[v] makes a journal of version v look to a reader as one of the newest:
// views of its connection, which go before the file's tables of the same name. What a
// run has to be known for is not among it: that is for writers, which migrate.
var olderViews = [len(migrations)]string{1: `
CREATE TEMP VIEW run AS SELECT *, 0 AS same, ` + noPressure + ` FROM main.run;
CREATE TEMP VIEW ledger AS SELECT *, 0 AS opened, NULL AS closed FROM main.ledger;
CREATE TEMP VIEW space AS SELECT *, NULL AS run FROM main.space;
CREATE TEMP VIEW closing AS SELECT 0 AS run, 0 AS bin WHERE 0;
CREATE TEMP VIEW forward AS SELECT *, 0 AS lost, 0 AS retry_at, NULL AS trouble FROM main.forward;
CREATE TEMP VIEW refused AS SELECT *, 1 AS n FROM main.refused;
`, 2: `
CREATE TEMP VIEW run AS SELECT *, ` + noPressure + ` FROM main.run;
`}

// older opens connections to a journal of an older version.
type older struct{ dsn, views string }

// Driver is SQLite's.
func (o older) Driver() driver.Driver { return &sqlite.Driver{} }

// Connect opens one, with its views.
func (o older) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := o.Driver().Open(o.dsn)
	if err != nil {
		return nil, err
	}
	exec, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver can't execute"), conn.Close())
	}
	if _, err := exec.ExecContext(ctx, o.views, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("reading an older layout: %w", err), conn.Close())
	}
	return conn, nil
}
