package enum SharedSegment { static func defaultPath(for s: String) -> String { "/dev/shm/sluice" } }
