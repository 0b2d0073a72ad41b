package redis

// SameDatabase reports whether both connections lead to the same database of the same
// server.
func (c Connection) SameDatabase(other Connection) bool {
	return c.Endpoint() == other.Endpoint() && c.DB == other.DB
}

// Named is the connection of a logical database.
type Named struct {
	Database string
	Connection
}

// Collides reports whether the keys of two logical databases mix.
func (n Named) Collides(other Named) bool {
	return n.SameDatabase(other.Connection) && !n.KeptApart(other)
}

// KeptApart reports whether the keys of two logical databases have different names. Those
// of system and of the message bus are both porta's, which a namespace keeps apart;
// apisonator has no namespaces.
func (n Named) KeptApart(other Named) bool {
	portas := func(database string) bool { return database == System || database == MessageBus }
	return portas(n.Database) && portas(other.Database) && n.Namespace != other.Namespace
}
