// Package mailstore simulates a mailstore. It is a small deterministic model of one
// Zimbra host of 2009: its fourteen volumes, its users, and what a storage
// administrator meets in five weeks. The demo draws it, and scale tests run on it.
// Start with [New], and call [Model.Next] until its ok is false.
//
// The model gives raw kernel counters ([series.Sample]) and never intervals, so its
// samples go through everything that the samples of a real host go through. Their
// source is [series.SourceSimulated]; everything that shows the model's figures must
// say so.
//
// What happens in it:
//
//   - POP3 users read by the hour of the day and the weekday, mail is delivered,
//     a backup and an indexing run work at night, and cron at 04:02;
//   - each Friday from 23:00 to about 04:00, HSM moves old mail (35 to 45 GiB) from the
//     primary to the secondary store, and deletes it from the primary store batch by
//     batch;
//   - in the first week a 32-bit time passes 2³² (MySQL data's weighted ms);
//   - in the second week, on a Wednesday, the collector does not run for five hours,
//     while the counters go on;
//   - in the third week, on a Sunday at 04:10, the host reboots. It is down for seven
//     minutes, and gives its minors to other volumes;
//   - in the fifth week 2,000 more users arrive, and MySQL's volume can't follow: its
//     read await passes 20 ms in working hours, and grows every day.
//
// With [Options].BadWeek there is a sixth week, which shows how a report describes
// trouble. The users leave again, and
//
//   - from Tuesday to Friday, 9 to 17 o'clock, the array adds 50 ms to each I/O of all
//     volumes of the mailstore, except the secondary store;
//   - on Thursday at 03:10 the primary store answers nothing for 33 minutes;
//   - HSM does not run;
//   - with [Options].Histograms, each day from 12 to 14 o'clock one in twenty reads of the
//     secondary store waits for half a second and more. Its mean stays below its limit.
//
// Single events count from the start, whatever weekday that is. In a longer run they
// don't happen again. Nobody adds space, so after about three months the stores are
// full and take no more mail.
//
// Each volume is a queue with one server (M/M/1). The share of time that it is busy is
// its I/Os per second × the time to serve one. Its await is that time / (1 − busy), and
// its queue is I/Os per second × await, by Little's law. So util stays below 100 %, and
// await explodes near it, as on a real LUN.
//
// All arithmetic is in integers, so the same options give the same counters on every
// platform. The model has no layers below its volumes. Of the machine that it runs on,
// it reads only the time, and that only without [Options].Start.
package mailstore
