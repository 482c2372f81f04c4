package main

import (
	"log/slog"
	"os"
	"os/signal"
	"time"

	"understudy/internal/settings"
)

// signals are those that a daemon obeys without leaving. They are taken before
// anything else and never given back: what they would do by themselves is to end
// a daemon that starts or stops.
type signals struct {
	hangup chan os.Signal // read the settings again
	drop   chan os.Signal // drop every secret from memory
}

func takeSignals() signals {
	s := signals{make(chan os.Signal, 1), make(chan os.Signal, 1)}
	take(s.hangup, hangupSignals)
	take(s.drop, dropSignals)
	return s
}

// take has c told of these signals; of none where the platform has none, which
// signal.Notify would read as all.
func take(c chan os.Signal, which []os.Signal) {
	if len(which) > 0 {
		signal.Notify(c, which...)
	}
}

// handle serves the signals, those that came before it too, until the function
// it returns is called.
func (s signals) handle(log *slog.Logger, drop func(), keepWarm func(time.Duration)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-s.drop:
				drop()
				log.Info("dropped all secrets from memory")
			case <-s.hangup:
				set, err := settings.Load()
				if err != nil {
					log.Warn("the settings stay as they were", "reason", err.Error())
					continue
				}
				keepWarm(set.KeepWarm)
				log.Info("read the settings again; store, idle_exit and sts_endpoint_url wait for a restart")
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
