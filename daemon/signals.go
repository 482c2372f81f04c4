package daemon

import (
	"os"
	"os/signal"
)

// signals are the signals that do not end the daemon. They are caught first of all and
// never released: by default they would end a daemon that is starting or stopping.
type signals struct {
	reload chan os.Signal // read the settings again
	drop   chan os.Signal // drop every secret from memory
}

func takeSignals() signals {
	s := signals{make(chan os.Signal, 1), make(chan os.Signal, 1)}
	take(s.reload, reloadSignals)
	take(s.drop, dropSignals)
	return s
}

// take sends these signals to c. Without any it must not call signal.Notify, which
// would send all signals.
func take(c chan os.Signal, which []os.Signal) {
	if len(which) > 0 {
		signal.Notify(c, which...)
	}
}

// handle handles the signals, including earlier ones, until stop is called.
func (s signals) handle(drop, reload func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-s.drop:
				drop()
			case <-s.reload:
				reload()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
