//go:build linux

package keyringtest

import (
	"bytes"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// The objects of a Fake, each with the methods of its D-Bus interface.
type (
	fakeService    struct{ f *Fake }
	fakeProperties struct{ f *Fake }
	fakeCollection struct{ f *Fake }
	fakePrompter   struct{ f *Fake }
	fakeClosable   struct{}
)

type fakeThing struct {
	f    *Fake
	path dbus.ObjectPath
}

// fakeSecret is the wire's (oayays).
type fakeSecret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func (fakeService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), fakeSession, nil
}

func (s fakeService) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	m := s.f.now()
	if m.Locked || m.AskToRead && len(paths) == 1 && paths[0] != fakeLogin {
		return []dbus.ObjectPath{}, fakePrompt, nil
	}
	return paths, noPath, nil
}

func (fakeService) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return fakeLogin, nil }

func (p fakeProperties) Get(_, name string) (dbus.Variant, *dbus.Error) {
	switch name {
	case "Collections":
		return dbus.MakeVariant([]dbus.ObjectPath{fakeLogin}), nil
	case "Locked":
		return dbus.MakeVariant(p.f.now().Locked), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

func (c fakeCollection) SearchItems(want map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	defer c.f.serve("SearchItems")()
	return c.f.find(want), nil
}

func (c fakeCollection) CreateItem(properties map[string]dbus.Variant, secret fakeSecret, _ bool) (item, prompt dbus.ObjectPath, _ *dbus.Error) {
	defer c.f.serve("CreateItem")()
	m := c.f.now()
	if m.Refuse != "" {
		return noPath, noPath, dbus.NewError(m.Refuse, []any{"cannot keep " + string(secret.Value)})
	}
	if m.AskToWrite {
		return noPath, fakePrompt, nil
	}
	attributes, _ := properties["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)
	found := c.f.find(attributes)
	path := dbus.ObjectPath(fmt.Sprintf("%s/i%x", fakeLogin, attributes["username"]))
	if len(found) > 0 {
		path = found[0]
	}
	if m.LoseWrites {
		return path, noPath, nil
	}
	c.f.mu.Lock()
	c.f.items[path] = fakeItem{attributes, bytes.Clone(secret.Value)}
	conn := c.f.conn
	c.f.mu.Unlock()
	if err := conn.Export(fakeThing{c.f, path}, path, "org.freedesktop.Secret.Item"); err != nil {
		return noPath, noPath, dbus.MakeFailedError(err)
	}
	return path, noPath, nil
}

func (i fakeThing) GetSecret(session dbus.ObjectPath) (fakeSecret, *dbus.Error) {
	defer i.f.serve("GetSecret")()
	m := i.f.now()
	i.f.mu.Lock()
	value := bytes.Clone(i.f.items[i.path].value)
	i.f.mu.Unlock()
	if m.Garble && len(value) > 0 {
		value[len(value)-1] ^= 1
	}
	return fakeSecret{session, nil, value, "text/plain"}, nil
}

func (i fakeThing) Delete() (dbus.ObjectPath, *dbus.Error) {
	defer i.f.serve("Delete")()
	if i.f.now().AskToWrite {
		return fakePrompt, nil
	}
	i.f.mu.Lock()
	defer i.f.mu.Unlock()
	delete(i.f.items, i.path)
	return noPath, nil
}

func (fakeClosable) Close() *dbus.Error { return nil }

func (p fakePrompter) Prompt(string) *dbus.Error {
	p.f.answer()
	return nil
}

func (p fakePrompter) Dismiss() *dbus.Error {
	defer p.f.serve("Dismiss")()
	return nil
}
