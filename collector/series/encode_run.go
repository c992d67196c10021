package series

// runColumns are those of a run's record. What is not known of the host's I/O pressure is
// absent.
func runColumns() []column {
	run := func(name string, value func(*Run) any) column {
		return column{name, func(r *Record) any { return value(r.Run) }}
	}
	percent := func(name string, f func(*Pressure) (float64, bool)) column {
		return run(name, func(r *Run) any {
			if v, ok := f(&r.Pressure); ok {
				return v
			}
			return nil
		})
	}
	return []column{
		run("host", func(r *Run) any { return r.Host }),
		run("end", func(r *Run) any { return stamp(r.At.Wall) }),
		run("took_ms", func(r *Run) any { return r.TookMS }),
		run("luns", func(r *Run) any { return r.LUNs }),
		run("boot_id", func(r *Run) any { return text(r.At.BootID) }),
		run("kernel", func(r *Run) any { return text(r.Kernel) }),
		run("version", func(r *Run) any { return text(r.Version) }),
		run("pressure_elapsed_ms", func(r *Run) any {
			if r.Pressure.ElapsedMS == 0 {
				return nil
			}
			return r.Pressure.ElapsedMS
		}),
		run("pressure_some_us", func(r *Run) any { return known(r.Pressure.SomeUS) }),
		run("pressure_full_us", func(r *Run) any { return known(r.Pressure.FullUS) }),
		percent("pressure_some_percent", (*Pressure).SomePercent),
		percent("pressure_full_percent", (*Pressure).FullPercent),
		run("warnings", func(r *Run) any {
			all := []string{}
			for _, w := range r.Warnings {
				all = append(all, w.What)
			}
			return all
		}),
	}
}

func known(v *uint64) any {
	if v == nil {
		return nil
	}
	return *v
}
