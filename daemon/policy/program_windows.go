package policy

// ppidOf is not known here: Windows keeps no reliable link from a process to
// the one that started it.
func ppidOf(int) int { return 0 }

func programOf(int) (name string, parent int) { return "", 0 }
