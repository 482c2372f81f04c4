package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"understudy/cache"
	"understudy/daemon"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/logfile"
	"understudy/internal/prompt"
	"understudy/internal/settings"
	"understudy/internal/source"
	"understudy/internal/trust"
	"understudy/internal/wire"
)

const (
	maxDaemonLog = 1 << 20
	maxAccessLog = 4 << 20
)

func newDaemonRunCommand(a *app) *cobra.Command {
	var o daemonOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon in the foreground",
		Long: `Runs the daemon in the foreground, its log on standard error. Nobody has to: the
first program that needs credentials starts one in the background.`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return a.runDaemon(c.Context(), o) },
	}
	c.Flags().BoolVar(&o.detached, "detached", false, "started by another program: log to the state folder, let go of standard error when ready")
	c.Flags().StringVar(&o.config, "config-file", "", "a config `file` to trust beside ~/.aws/config")
	c.Flags().StringVar(&o.credentials, "credentials-file", "", "a credentials `file` to trust beside ~/.aws/credentials")
	c.Flags().MarkHidden("detached")
	return c
}

type daemonOptions struct {
	detached            bool
	config, credentials string
}

// runDaemon puts the parts together, the lowest first, and takes them apart in
// the other order.
func (a *app) runDaemon(ctx context.Context, o daemonOptions) error {
	memory := newMemory()
	signals := takeSignals()
	restrictFiles()
	container := source.TakeContainer() // before anything is run
	set, err := settings.Load()
	if err != nil {
		return err
	}
	path, err := wire.SocketPath()
	if err != nil {
		return err
	}
	state, stateErr := stateFolder()
	log := slog.New(slog.NewTextHandler(a.logTo(o.detached, state), nil))
	if stateErr != nil {
		log.Warn("no state folder: sessions are not listed after a restart, nor is it recorded who asks", "reason", stateErr.Error())
	}

	socket, err := daemon.Listen(path, log)
	if errors.Is(err, daemon.ErrRunning) && o.detached {
		return nil // whoever started us finds that one
	}
	if err != nil {
		return err
	}
	parts := &parts{log: log}
	defer parts.close()
	parts.add(func() { socket.Close() }) // its lock goes last

	index, begun := state, startsIn(state)
	if state != "" && begun.begin(time.Now()) {
		log.Warn("started again and again to no end; now without the index of sessions, which is set aside")
		if err := cache.SetAside(state); err != nil {
			log.Warn("the index of sessions is not set aside", "reason", err.Error())
		}
		index = ""
	}
	var access *daemon.AccessLog
	if state != "" {
		access = daemon.OpenAccessLog(logfile.New(filepath.Join(state, "access.log"), maxAccessLog), log)
		parts.add(access.Close)
	}
	keep, closeStore := openStore(set.Store, log)
	parts.add(closeStore)
	sessions, err := cache.Open(cache.Config{Store: keep.behind(), Dir: index, Log: log})
	if err != nil {
		return err
	}
	parts.add(func() {
		end, cancel := context.WithTimeout(context.Background(), keepLimit)
		defer cancel()
		if err := sessions.Close(end); err != nil {
			log.Warn("not everything was kept", "reason", err.Error())
		}
	})
	policy := &trust.Policy{Always: trusted(o)}
	if state != "" { // else no file beside those is trusted
		policy.List = trust.Open(state)
	}
	reader := &awsconfig.Reader{Approve: policy.Approve}
	problems := &problemLog{log: log}
	var serving atomic.Pointer[daemon.Server] // nil until there is one
	desk := prompt.NewDesk(prompt.Config{
		Mode: prompt.Mode(set.Prompt), Dialog: prompt.Desktop, Browse: prompt.OpenBrowser, Screen: prompt.CanBrowse, Log: log,
	})
	signIns := openSignIns(keep, desk, log)
	parts.add(func() { closeSignIns(signIns, log) })
	resolver := &source.Resolver{
		Read: func(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
			if policy.List != nil && !policy.Stands(f.Config, f.Credentials) && policy.List.Changed() {
				reader.Forget() // trust may have been withdrawn
			}
			config, err := reader.Read(ctx, f)
			problems.note(config)
			return config, err
		},
		EndpointURL: set.STSEndpointURL,
		Ask:         desk.Ask,
		TOTP:        keep.code(),
		Kept:        keep.kept(state),
		Container:   container,
		SignIns:     signIns,
		Version:     a.version,
		OnSkew: func(d time.Duration) {
			if s := serving.Load(); s != nil {
				s.NoteSkew(d)
			}
		},
		Log: log,
	}
	parts.add(resolver.Close)
	server := daemon.New(daemon.Config{
		Resolve: func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
			memory.used()
			return resolver.Resolve(ctx, q)
		},
		Cache: sessions, Desk: desk, Notify: notifier(set.Prompt, log), ForgetAll: signIns.ForgetAll,
		KeepWarm: set.KeepWarm, IdleExit: set.IdleExit,
		Log: log, Access: access, Version: a.version, Store: keep.describe, Network: daemon.Network,
	})
	parts.add(server.Close)
	serving.Store(server)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if socket.Lost(ctx) == nil {
			log.Warn("the socket is gone or another's; leaving")
			cancel(errors.New("socket lost"))
		}
	}()
	parts.add(signals.handle(log, func() {
		server.DropSecrets()
		reader.Forget() // the files' text holds long-lived keys
		resolver.Forget()
		signIns.Forget()
	}, server.SetKeepWarm))
	if state != "" {
		begun.over()
	}
	log.Info("ready", "pid", os.Getpid(), "version", a.version, "socket", path)
	if o.detached {
		if err := letGo(); err != nil {
			log.Warn("keeps the starter's standard error", "reason", err.Error())
		}
	}
	err = server.Serve(ctx, socket)
	parts.add(func() { log.Info("stopping") })
	return err
}

// logTo is where the daemon's log goes: the state folder when it runs in the
// background, standard error when a person watches.
func (a *app) logTo(detached bool, state string) io.Writer {
	switch {
	case !detached:
		return a.err
	case state == "":
		return io.Discard
	}
	return logfile.New(filepath.Join(state, "daemon.log"), maxDaemonLog)
}

// stateFolder makes the state folder; "" with the reason where it cannot.
func stateFolder() (string, error) {
	dir, err := settings.StateDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", err
	}
	probe.Close()
	return dir, os.Remove(probe.Name())
}

// trusted are the files that need no permission: the user's own, and those of
// whoever started this daemon.
func trusted(o daemonOptions) []string {
	var files []string
	if home, err := wire.Home(); err == nil {
		files = append(files, filepath.Join(home, ".aws", "config"), filepath.Join(home, ".aws", "credentials"))
	}
	for _, f := range []string{o.config, o.credentials} {
		if f != "" {
			files = append(files, f)
		}
	}
	return files
}
