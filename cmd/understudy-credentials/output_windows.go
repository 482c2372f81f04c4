package main

import (
	"io"
	"os"
)

func standardOutput() io.Writer { return os.Stdout }

func standardError() io.Writer { return os.Stderr }
