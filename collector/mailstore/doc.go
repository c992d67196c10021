// Package mailstore is a simulated mailstore: a small deterministic model of one
// Zimbra host of 2009, its fourteen volumes, its users, and what a storage
// administrator meets in five weeks. The demo draws it, and scale tests run on
// it. Start with [New] and call [Model.Next] until it says no.
//
// The model gives raw kernel counters ([series.Sample]), as real samples come
// from the kernel, and never intervals: whoever reads it goes through all that a
// real host's counters go through. Its source is [series.SourceSimulated], which
// is to be shown wherever its figures are.
//
// What happens in it:
//
//   - POP3 users read by the hour of the day and the weekday, mail is delivered,
//     a backup and an indexing run work at night, cron at 04:02;
//   - HSM moves what has become old from the primary to the secondary store each
//     Friday from 23:00 to about 04:00 (35 to 45 GiB), and takes it off the
//     primary store batch by batch;
//   - a 32-bit time passes 2³² in the first week (MySQL data's weighted ms);
//   - in the second week, on a Wednesday, the collector does not run for five
//     hours, while the counters go on;
//   - in the third week, on a Sunday at 04:10, the host reboots, is down for
//     seven minutes, and gives its minors to other volumes;
//   - in the fifth week 2,000 more users arrive, and MySQL's volume can't follow:
//     its read await passes 20 ms in working hours, every day a little further.
//
// With [Options].BadWeek there is a sixth week, to see what a report says of trouble: the
// users leave again, and
//
//   - from Tuesday to Friday, 9 to 17 o'clock, the array of all the mailstore's volumes
//     but the secondary store takes 50 ms longer for each I/O;
//   - on Thursday at 03:10 the primary store answers nothing for 33 minutes;
//   - HSM does not run.
//
// What happens once counts from the start, whatever weekday that is. In a longer
// run it does not happen again, and as nobody adds space the stores are full
// after about three months, from when on they keep nothing more.
//
// Each volume is a queue with one server (M/M/1): the share of time that it is
// busy is its I/Os per second × the time to serve one, its await is that time /
// (1 − busy), and its queue is I/Os per second × await, by Little's law. So util
// stays below 100 % and await explodes near it, as on a real LUN.
//
// All arithmetic is in integers, so the same options give the same counters on
// every platform. The model knows no layers beneath its volumes and reads
// nothing of the machine that it runs on but, without [Options].Start, the time.
package mailstore
