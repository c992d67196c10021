package mapper

// LargestFile is the largest size of one of the kernel's lists, in bytes: diskstats of
// 300,000 devices. The kernel makes no larger one.
const LargestFile = 64 << 20

// ReadBounded reads a whole file of the kernel or of a captured host. It refuses a file
// of more than [LargestFile] bytes, and one that would make it wait.
func ReadBounded(path string) ([]byte, error) { return ReadRegular(path, LargestFile) }
