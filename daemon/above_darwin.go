package daemon

// above is for Linux, where the runtime folder goes with the login session. Here
// the socket stands below the home folder.
func above(string) (events <-chan struct{}, stop func()) { return nil, func() {} }
