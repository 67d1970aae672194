/// Who may reach a file, by the rules of plain Unix permissions.
package struct FileRights: Equatable, Sendable {
  package let owner: UInt32
  package let group: UInt32
  /// The permission bits.
  package let mode: UInt32

  package init(owner: UInt32, group: UInt32, mode: UInt32) {
    self.owner = owner
    self.group = group
    self.mode = mode
  }

  /// A user with all groups.
  package struct User: Equatable, Sendable {
    package let name: String
    package let id: UInt32
    package let groups: [UInt32]

    package init(name: String, id: UInt32, groups: [UInt32]) {
      self.name = name
      self.id = id
      self.groups = groups
    }
  }

  package enum Right: UInt32, Sendable {
    case enter = 1
    case write = 2
  }

  package func allow(_ right: Right, to user: User) -> Bool {
    if user.id == 0 { return true }
    let shift: UInt32 = user.id == owner ? 6 : user.groups.contains(group) ? 3 : 0
    return mode >> shift & right.rawValue != 0
  }
}

/// Whether nginx can reach a program's socket, and nobody else.
package enum SocketCheckup {
  /// What is known of one socket.
  package struct Socket: Sendable {
    package let path: String
    /// `nil` where there is nothing.
    package let rights: FileRights?
    /// Those of the directories above it, from the root on.
    package let directories: [(path: String, rights: FileRights)]
    /// Whether somebody listens; `nil` where this user may not ask.
    package let isServed: Bool?

    package init(
      path: String, rights: FileRights?, directories: [(path: String, rights: FileRights)],
      isServed: Bool?
    ) {
      self.path = path
      self.rights = rights
      self.directories = directories
      self.isServed = isServed
    }
  }

  /// - Parameter isNeeded: Whether the program behind it has to run; otherwise it is only a pity.
  package static func finding(
    _ socket: Socket, nginx: FileRights.User, isNeeded: Bool = true
  ) -> Finding {
    guard let rights = socket.rights else {
      return absent("\(socket.path) does not exist: nginx answers 503.", isNeeded)
    }
    if let closed = socket.directories.first(where: { !$0.rights.allow(.enter, to: nginx) }) {
      return .problem(
        "sockets",
        "nginx's user \(nginx.name) may not enter \(closed.path) on the way to a socket.",
        remedy: "chgrp \(nginx.name) \(closed.path) && chmod g+x \(closed.path)")
    }
    if !rights.allow(.write, to: nginx) {
      return .problem(
        "sockets", "nginx's user \(nginx.name) may not write to \(socket.path).",
        remedy: "Make the socket's group nginx's, and its mode 0660.")
    }
    if socket.isServed == false {
      return absent("Nobody listens on \(socket.path): nginx answers 503.", isNeeded)
    }
    let isOpenToAll =
      rights.mode & 2 != 0 && socket.directories.allSatisfy { $0.rights.mode & 1 != 0 }
    if isOpenToAll {
      return .warning(
        "sockets", "Every user of this host can reach \(socket.path), and claim to be anybody.",
        remedy: "chmod 0660 \(socket.path), or close its directory to others.")
    }
    return .good("sockets", "nginx's user \(nginx.name) can reach \(socket.path).")
  }

  private static func absent(_ message: String, _ isNeeded: Bool) -> Finding {
    isNeeded
      ? .problem("sockets", message, remedy: "Start the program that listens on it.")
      : .warning(
        "sockets", message,
        remedy: "Start the program if it is wanted: sluice-console answers for health and metrics.")
  }
}
