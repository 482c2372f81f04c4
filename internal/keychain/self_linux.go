package keychain

// self names this very program, even after a newer version has replaced its file.
func self() string { return "/proc/self/exe" }
