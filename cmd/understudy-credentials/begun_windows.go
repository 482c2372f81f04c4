package main

import "understudy/internal/wire"

// begun has nothing to go on with: there is no prelude on Windows.
func begun(wire.Dialer) (conn *wire.Conn, printed int, err error) { return nil, 0, nil }
