import CFuzzer
import Glibc
import SluiceProviderSamples

/// Feeds the adapters of all providers with bytes that libFuzzer finds by the code they reach. The
/// first two bytes of an input choose the target. `--seeds DIRECTORY` writes an input for each target to
/// begin with; `--show FILE` says what an input is; all else is libFuzzer's.
@main enum Main {
  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "--seeds" { return Corpus.write(to: arguments[2]) }
    if arguments.count == 3, arguments[1] == "--show" { return Corpus.show(arguments[2]) }
    var count = CommandLine.argc
    var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &pointers) { feed($0, $1) })
  }
}

/// A free function: libFuzzer calls it as C.
private func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  if let problem = Corpus.problem(with: input) {
    let line = Array("sluice-fuzz: \(problem)\n".utf8)
    _ = write(2, line, line.count)
    abort()
  }
  return 0
}
