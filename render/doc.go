// Package render draws a report: pictures of what a host's LUNs did in a range of time,
// a page that shows them, and a file with every number in them.
//
// Start with [Report]. It reads from a [Source]: the intervals in one pass, at the
// resolution that the pictures need and no finer. The files of the code have the names of
// what they make:
//
//   - week.png (week.go, weekwords.go and others), the trouble strip: which LUN was in
//     trouble and when, and a headline that says it in words;
//   - disk-io.png, disk-busy.png (overview.go): all LUNs in one picture, the largest
//     together in one frame, and each in a row of its own, on one time axis;
//   - disk-space.png (diskspace.go): how full each filesystem is, over five weeks or more;
//   - lun-….png (lunpicture.go, panel.go, carpetpanel.go): one LUN, its panels on one
//     time axis;
//   - report.json (reportjson.go): every number that the pictures show;
//   - index.html (page.go), and a list of the reports beside it (reportlist.go);
//   - a mail (mail.go), if one is asked for.
//
// Before any of them is drawn, gather.go reads what they show into a data, and a lun for
// each LUN. Package facts says what it means.
//
// These words have one meaning everywhere in the package:
//
//   - A frame is a plot with its axes. A chart puts frames below each other and writes the
//     table beside them. Each frame is a gonum plot.Plot with our own plotters and tickers
//     (plotters.go, timeaxis.go, scale.go), drawn on render/draw as PNG, SVG or PDF.
//   - A column is one pixel of a frame's time. A cell is the time over which something is
//     summed up for it: mostly the column, in a long range a day or more (grid.go).
//   - The strip is week.png, whose columns are hours (weekcells.go). Its colours are in
//     weekcolour.go, those of LUNs and of all else in colour.go.
//   - A carpet shows a LUN's latency histograms: time from left to right, latency upwards,
//     the number of I/Os as colour.
//   - The usual is what a figure was in the same hour of the weeks before, drawn as a band.
//   - A gap is time without data, and has a cause (gap.go). A long interval has only its
//     total, drawn as a pale flat step.
//   - A flag is a note, a boot or a gap, written above the first frame (event.go). A badge
//     is the number on a line, by which the table names it.
//   - A view is one figure of a LUN as it is shown: of all its hosts together or, where two
//     used the LUN at once and the figure can't be added up, of one host.
//
// Each column of a curve shows its own exact mean (sums over time, never an average of
// averages) and the largest one-minute mean. A gap in the data is a gap in the curve. The
// pictures don't show the layers below a LUN, and never add them to the LUN's figures.
//
// The same input gives the same bytes, whatever the machine's zone or number of CPUs.
// A report that is interrupted leaves no half file, because each file is written under
// a temporary name and then renamed.
package render
