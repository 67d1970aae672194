import ArgumentParser
import SluiceCore

/// `--json`, in every command that prints data.
struct JSONFlag: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Prints JSON, an object a line.") var isWanted = false

  /// - Parameter text: The same for people.
  func print(_ object: JSON, _ text: @autoclosure () -> String) {
    Swift.print(isWanted ? object.text : text())
  }

  /// - Parameter empty: What people read where there is nothing.
  func print(_ objects: [JSON], _ table: @autoclosure () -> Table, empty: String) {
    if isWanted {
      for object in objects { Swift.print(object.text) }
    } else {
      Swift.print(objects.isEmpty ? empty : "\(table())")
    }
  }
}
