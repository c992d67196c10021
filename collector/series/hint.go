package series

import "errors"

// hinted is an error with what to try next.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// Hint is what to try next.
func (e hinted) Hint() string { return e.hint }

// WithHint adds to an error what to try next; nil stays nil.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hinted{err, hint}
}

// HintOf is what an error says to try next: the answer of the first error in its
// chain that has a method Hint. It is "" where none has.
func HintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// WarningOf is an error that stops nothing, as a warning.
func WarningOf(err error) Warning { return Warning{What: err.Error(), Hint: HintOf(err)} }
