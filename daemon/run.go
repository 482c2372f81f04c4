// Package daemon runs the daemon: Run makes its parts, serves until it is stopped,
// and closes the parts.
//
// The main parts are packages below this one. session is the broker, which owns
// every session; policy decides which caller may have which session; socket is the
// front end that programs connect to. docs/design.md shows which package may import
// which.
//
// The package is at the top level to be easy to find. It is not a stable API: only
// the socket and the commands are.
package daemon

import (
	"context"
	"errors"
	"os"
	"time"

	"understudy/daemon/policy"
	"understudy/daemon/session"
	"understudy/daemon/socket"
	"understudy/internal/place"
	"understudy/internal/prompt"
	"understudy/internal/settings"
	"understudy/internal/source"
)

// Run runs a daemon until ctx ends, a client asks it to stop, its socket is lost or
// it was idle for the time that the settings allow. If another daemon of this user
// is running, Run returns socket.ErrRunning, or nil if this one is detached: the
// program that started it will find the other.
func Run(ctx context.Context, o Options) error {
	d := &daemon{options: o, memory: newMemory(), began: time.Now()}
	signals := takeSignals()
	restrictFiles()
	container := source.TakeContainer() // before any other program is started
	var err error
	if d.settings, err = settings.Load(); err != nil {
		return err
	}
	path, err := place.SocketPath()
	if err != nil {
		return err
	}
	d.state, d.log = openState(o)
	l, err := socket.Listen(path, d.log)
	if errors.Is(err, socket.ErrRunning) && o.Detached {
		return nil
	}
	if err != nil {
		return err
	}
	d.parts.log = d.log
	defer d.parts.close()
	d.parts.add(func() { l.Close() }) // last; the lock is held until the process ends
	if err := d.assemble(container); err != nil {
		return err
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if l.Lost(ctx) == nil {
			d.log.Warn("the socket is gone or another's; leaving")
			cancel(errors.New("socket lost"))
		}
	}()
	d.parts.add(signals.handle(d.dropSecrets, d.reload))
	d.starts.succeeded()
	d.log.Info("ready", "pid", os.Getpid(), "version", o.Version, "socket", path)
	if o.Detached {
		if err := releaseStderr(); err != nil {
			d.log.Warn("keeps the starter's standard error", "reason", err.Error())
		}
	}
	d.memory.used() // to free what the start left, even if no request comes
	err = socket.New(socket.Config{
		Broker: d.broker, Status: d.status, IdleExit: d.settings.IdleExit, Log: d.log,
	}).Serve(ctx, l)
	d.parts.add(func() { d.log.Info("stopping") })
	return err
}

// assemble makes the parts, in the order in which they need one another. parts.close
// closes those that were made, even if assemble fails.
func (d *daemon) assemble(container source.Container) (err error) {
	d.starts = startsIn(d.state)
	index := openIndex(d.state, d.starts, d.log)
	d.access = openAccessLog(d.state, d.log, &d.parts)
	d.store = openStore(d.settings.Store, d.log, &d.parts)
	if d.sessions, err = openCache(d.store, index, d.log, &d.parts); err != nil {
		return err
	}
	d.config = openConfig(d.options, d.state, d.log)
	d.desk = prompt.NewDesk(prompt.Config{
		Mode: prompt.Mode(d.settings.Prompt), Dialog: prompt.Desktop, Browse: prompt.OpenBrowser, Screen: prompt.CanBrowse, Log: d.log,
	})
	d.signIns = openSignIns(d.store, d.desk, d.log, &d.parts)
	d.resolver = &source.Resolver{
		Read:        d.config.read,
		EndpointURL: d.settings.STSEndpointURL,
		Ask:         d.desk.Ask,
		TOTP:        d.store.code(),
		Kept:        d.store.kept(d.state),
		Container:   container,
		SignIns:     d.signIns,
		Version:     d.options.Version,
		OnSkew:      d.noteSkew,
		Log:         d.log,
	}
	d.parts.add(d.resolver.Close)
	d.broker = session.New(session.Config{
		Resolve: d.resolve, Cache: d.sessions, Policy: policy.New(policy.Config{Log: d.access}),
		Desk: d.desk, Notify: notifier(d.settings.Prompt, d.log), Forgotten: d.signIns.ForgetAll,
		KeepWarm: d.settings.KeepWarm, Log: d.log, Network: network,
	})
	d.parts.add(d.broker.Close)
	return nil
}
