package sessionbus

// Runtime is nowhere: Windows has no D-Bus session.
func Runtime() string { return "" }

func inFolder(string) (string, error) { return "", ErrNone }
