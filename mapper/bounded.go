package mapper

// LargestFile is what one of the kernel's lists may hold, bytes: diskstats of 300,000
// devices. More is none of the kernel's making.
const LargestFile = 64 << 20

// ReadBounded reads a whole file of the kernel's, or of a captured host's: no more than
// [LargestFile], and nothing that has to be waited for.
func ReadBounded(path string) ([]byte, error) { return ReadRegular(path, LargestFile) }
