package policy

// ppidOf always returns 0: Windows keeps no reliable link from a process to its
// parent.
func ppidOf(int) int { return 0 }

func programOf(int) (name string, parent int) { return "", 0 }
