package logfile

import "golang.org/x/sys/windows"

// safely is nothing here: no pipe stands in a folder, and the state folder's ACL
// says who may put a link there.
const safely = 0

// noReader is what opening a pipe that nobody reads comes to.
const noReader = windows.ERROR_PIPE_BUSY
