import ArgumentParser
import Glibc

/// Questions to whoever sits at the terminal.
enum Prompt {
  /// - Parameter example: What an empty answer means.
  /// - Throws: Without a terminal, or at its end.
  static func ask(_ question: String, _ example: String) throws -> String {
    let line = try answer("\(question) [\(example)]: ", question)
    return line.isEmpty ? example : line
  }

  /// The same, without the answer being seen.
  static func askSecretly(_ question: String) throws -> String {
    var plain = termios()
    tcgetattr(0, &plain)
    var hidden = plain
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &hidden)
    defer {
      tcsetattr(0, TCSAFLUSH, &plain)
      StandardError.print("")
    }
    return try answer("\(question): ", question)
  }

  private static func answer(_ prompt: String, _ question: String) throws -> String {
    guard isatty(0) == 1 else {
      throw failure("\(question) is not answered, and there is no terminal to ask. Use an option.")
    }
    let bytes = Array(prompt.utf8)
    _ = write(2, bytes, bytes.count)
    guard let line = readLine() else { throw failure("\(question) is not answered.") }
    return line
  }
}
