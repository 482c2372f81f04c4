package daemon

// parentOf is not known here: Windows keeps no reliable link from a process to
// the one that started it.
func parentOf(int) (int, string) { return 0, "" }
