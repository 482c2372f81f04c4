package keychain

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

const promptIface = "org.freedesktop.Secret.Prompt"

// unlock asks the person for the collection's password and waits for the answer
// or for the end of ctx; it then takes the prompt back. It is done here rather
// than by the library, which takes a prompt that was dismissed for one that was
// answered and dereferences nil when the bus goes away under it.
func (s *secretService) unlock(ctx context.Context) error {
	switch err := s.check(ctx); {
	case err == nil:
		return nil
	case !errors.Is(err, ErrLocked):
		return err
	}
	var unlocked []dbus.ObjectPath
	var path dbus.ObjectPath
	call := s.conn.Object(busName, servicePath).CallWithContext(ctx, serviceIface+".Unlock", dbus.FlagNoAutoStart, []dbus.ObjectPath{s.collection})
	if err := call.Store(&unlocked, &path); err != nil {
		return s.blame(ctx, err)
	}
	if path != "/" {
		if err := s.show(ctx, path); err != nil {
			return err
		}
	}
	return s.check(ctx) // whatever the prompt said
}

func (s *secretService) show(ctx context.Context, path dbus.ObjectPath) error {
	match := []dbus.MatchOption{dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptIface)}
	if err := s.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return s.blame(ctx, err)
	}
	// After the end of a dead connection there is nothing to take back.
	defer func() { _ = s.conn.RemoveMatchSignal(match...) }()
	signals := make(chan *dbus.Signal, 8)
	s.conn.Signal(signals)
	defer s.conn.RemoveSignal(signals)

	prompt := s.conn.Object(busName, path)
	if err := prompt.CallWithContext(ctx, promptIface+".Prompt", dbus.FlagNoAutoStart, "").Err; err != nil {
		return s.blame(ctx, err)
	}
	for {
		select {
		case signal, alive := <-signals:
			if !alive {
				return errGone
			}
			if signal.Path != path || signal.Name != promptIface+".Completed" {
				continue
			}
			if len(signal.Body) > 0 && signal.Body[0] == true {
				return errDismissed
			}
			return nil
		case <-s.conn.Context().Done():
			return errGone
		case <-ctx.Done():
			_ = prompt.Go(promptIface+".Dismiss", dbus.FlagNoReplyExpected, nil).Err // best effort, at the end
			return fmt.Errorf("%w: nobody answered its prompt", ErrLocked)
		}
	}
}
