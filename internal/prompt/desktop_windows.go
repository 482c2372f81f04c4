package prompt

// hasDisplay is left to the program: a service without a desktop says so.
func hasDisplay(func(string) string) bool { return true }

func candidates(getenv func(string) string) []candidate {
	return []candidate{{"powershell.exe", powershell}}
}

func busEnv() []string { return nil }

func desktopOpens(address string) [][]string {
	return [][]string{{"rundll32.exe", "url.dll,FileProtocolHandler", address}}
}
