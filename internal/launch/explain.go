package launch

import (
	"errors"
	"os"

	"understudy/internal/place"
	"understudy/internal/wire"
)

// Explain puts any error of this package and of wire into the words and the
// code that a person gets.
func Explain(err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	hint := "to see why, run: understudy daemon run"
	switch {
	case errors.Is(err, errNoBinary):
		hint = "put understudy into the same folder as understudy-credentials"
	case errors.Is(err, place.ErrPath):
		hint = "name a short absolute path in a folder of your own, such as UNDERSTUDY_SOCKET=$HOME/.understudy/socket, or unset it"
	case errors.Is(err, place.ErrForeign) && os.Getenv("UNDERSTUDY_SOCKET") != "":
		// No chmod: the folder may be one that others need, such as /tmp.
		hint = "let UNDERSTUDY_SOCKET name a folder of your own, such as $HOME/.understudy/socket, or unset it"
	case errors.Is(err, place.ErrForeign):
		hint = "see whose it is; if it is yours, make it yours alone: chmod 700"
	case errors.Is(err, wire.ErrSilent), errors.Is(err, wire.ErrBusy):
		hint = "if it stays, run: understudy daemon restart"
	case errors.Is(err, place.ErrNoHome):
		hint = "set HOME to your home folder"
	case errors.Is(err, os.ErrPermission):
		hint = "the folder must be yours to write to; UNDERSTUDY_SOCKET names another place"
	}
	return &wire.Error{Code: wire.NoDaemon, Message: err.Error(), Hint: hint}
}
