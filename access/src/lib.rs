//! Access node: ends client sessions and carries their frames over the bus
