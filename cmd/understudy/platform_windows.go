package main

import "os"

var hangupSignals, dropSignals []os.Signal // Windows has neither

func restrictFiles() {} // files get the access list of their folder

func letGo() error { return os.Stderr.Close() }

func selfPath() string {
	path, err := os.Executable()
	if err != nil {
		return "understudy.exe"
	}
	return path
}
