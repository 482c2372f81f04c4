package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"understudy/cache"
	"understudy/daemon"
	"understudy/internal/awsconfig"
	"understudy/internal/keychain"
	"understudy/internal/logfile"
	"understudy/internal/settings"
	"understudy/internal/source"
	"understudy/internal/trust"
	"understudy/internal/wire"
)

const (
	maxDaemonLog = 1 << 20
	maxAccessLog = 4 << 20
	// closeLimit bounds what a stopping daemon still writes to the keychain.
	closeLimit = 1500 * time.Millisecond
)

func newDaemonRunCommand(a *app) *cobra.Command {
	var o daemonOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon in the foreground",
		Long:  "Runs the daemon in the foreground, its log on standard error. Nobody has to: the first program that needs credentials starts one in the background.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.runDaemon(c.Context(), o) },
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
	restrictFiles()
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
	defer socket.Close()

	keep, closeStore := openStore(set.Store, log)
	defer closeStore()
	sessions, err := cache.Open(cache.Config{Store: keep.behind(), Dir: state, Log: log})
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.Background(), closeLimit)
		defer cancel()
		if err := sessions.Close(end); err != nil {
			log.Warn("not everything was kept", "reason", err.Error())
		}
	}()

	var access *daemon.AccessLog
	if state != "" {
		access = daemon.OpenAccessLog(logfile.New(filepath.Join(state, "access.log"), maxAccessLog), log)
		defer access.Close()
	}
	var server *daemon.Server
	policy := &trust.Policy{Always: trusted(o)}
	if state != "" { // else no file beside those is trusted
		policy.List = trust.Open(state)
	}
	reader := &awsconfig.Reader{Approve: policy.Approve}
	problems := &problemLog{log: log}
	resolver := &source.Resolver{
		Read: func(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
			if policy.List != nil && policy.List.Changed() {
				reader.Forget() // trust may have been withdrawn
			}
			config, err := reader.Read(ctx, f)
			problems.note(config)
			return config, err
		},
		EndpointURL: set.STSEndpointURL,
		Version:     a.version,
		OnSkew:      func(d time.Duration) { server.NoteSkew(d) },
		Log:         log,
	}
	defer resolver.Close()
	server = daemon.New(daemon.Config{
		Resolve: resolver.Resolve, Cache: sessions, KeepWarm: set.KeepWarm, IdleExit: set.IdleExit,
		Log: log, Access: access, Version: a.version, Store: keep.describe,
	})
	defer server.Close()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if socket.Lost(ctx) == nil {
			log.Warn("the socket is gone or another's; leaving")
			cancel(errors.New("socket lost"))
		}
	}()
	defer a.handleSignals(server, reader, log)()
	log.Info("ready", "pid", os.Getpid(), "version", a.version, "socket", path)
	if o.detached {
		if err := letGo(); err != nil {
			log.Warn("keeps the starter's standard error", "reason", err.Error())
		}
	}
	err = server.Serve(ctx, socket)
	log.Info("stopping")
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

// handleSignals serves SIGHUP (read the settings again) and SIGUSR1 (drop every
// secret from memory) until the function it returns is called.
func (a *app) handleSignals(server *daemon.Server, reader *awsconfig.Reader, log *slog.Logger) (stop func()) {
	hangup, drop := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hangup, hangupSignals...)
	signal.Notify(drop, dropSignals...)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-drop:
				server.DropSecrets()
				reader.Forget() // the files' text holds long-lived keys
				log.Info("dropped all secrets from memory")
			case <-hangup:
				set, err := settings.Load()
				if err != nil {
					log.Warn("the settings stay as they were", "reason", err.Error())
					continue
				}
				server.SetKeepWarm(set.KeepWarm)
				log.Info("read the settings again; store, idle_exit and sts_endpoint_url wait for a restart")
			}
		}
	}()
	return func() {
		signal.Stop(hangup)
		signal.Stop(drop)
		close(done)
		<-ended
	}
}

// store is the keychain, or the lack of one, with the words for it.
type store struct {
	mode settings.Store
	k    *keychain.Keychain // nil: memory by choice
}

func openStore(mode settings.Store, log *slog.Logger) (*store, func()) {
	if mode == settings.StoreMemory {
		return &store{mode: mode}, func() {}
	}
	k := keychain.New(keychain.Config{Command: []string{selfPath(), "keychain-worker"}, Log: log})
	return &store{mode: mode, k: k}, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		k.Close(ctx)
	}
}

// behind is what the cache keeps sessions in.
func (s *store) behind() cache.Store {
	if s.k == nil {
		return nil // and not a nil *Keychain in an interface
	}
	return s.k
}

// describe asks the keychain how it is.
func (s *store) describe() (kind, reason string) {
	if s.k == nil {
		return "memory", "the settings say so"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	switch st := s.k.Probe(ctx); {
	case st.Available:
		return "keychain", st.Reason
	case s.mode == settings.StoreKeychain:
		return "keychain", fmt.Sprintf("sessions are in memory only meanwhile: %s", st.Reason)
	default:
		return "memory", st.Reason
	}
}
