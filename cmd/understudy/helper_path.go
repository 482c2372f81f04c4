package main

import (
	"os"
	"path/filepath"
	"runtime"

	"understudy/internal/adopt"
	"understudy/internal/wire"
)

// helperPath is the absolute path of understudy-credentials for a
// credential_process. The folder of PATH where this very program lies comes
// first: where it is a link, as package managers make, the link stays when the
// version behind it goes. Then the program's own folder, then PATH.
func helperPath() (string, error) {
	self, _ := os.Executable()
	me, _ := os.Stat(self)
	folders := filepath.SplitList(os.Getenv("PATH"))
	var mine []string
	for _, dir := range folders {
		info, err := os.Stat(filepath.Join(dir, programName("understudy")))
		if err == nil && me != nil && os.SameFile(info, me) {
			mine = append(mine, dir)
		}
	}
	unfit := ""
	for _, dir := range append(append(mine, filepath.Dir(self)), folders...) {
		path := filepath.Join(dir, programName("understudy-credentials"))
		info, err := os.Stat(path)
		if err != nil || !filepath.IsAbs(path) || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
			continue
		}
		if adopt.FitsCommand(path) {
			return path, nil
		}
		unfit = path
	}
	if unfit != "" {
		return "", &wire.Error{Code: wire.BadConfig, Message: "the path " + unfit + " is not read alike by every SDK in a command line",
			Hint: "put understudy and understudy-credentials into a folder whose path has no blanks and no signs but _ - . / : @ + = ,"}
	}
	return "", &wire.Error{Code: wire.BadConfig, Message: "there is no understudy-credentials beside this program or on PATH",
		Hint: "install both programs into one folder, as make install does"}
}

func programName(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
