package main

import "understudy/internal/wire"

// begun returns nothing: Windows has no prelude.
func begun(wire.Dialer) (conn *wire.Conn, printed int, err error) { return nil, 0, nil }
