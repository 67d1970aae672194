import CFuzzer
import Glibc
import SluiceProviderSamples
import SluiceTesting

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

/// Asked by libFuzzer for what to try next. Half of it is libFuzzer's own; the other half knows what
/// fields and numbers look like, and in part begins anew, so that no target is forgotten.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = SplitMix64(seed: UInt64(seed))
  let input: [UInt8]
  switch Int.random(in: 0..<4, using: &random) {
  case 0: input = Corpus.randomSeed(&random)
  case 1 where count > 2: input = Array(UnsafeBufferPointer(start: bytes, count: count))
  default: return LLVMFuzzerMutate(bytes, count, limit)
  }
  let mutated = (input.prefix(2) + Mutation.of(Array(input.dropFirst(2)), &random)).prefix(limit)
  for (offset, byte) in mutated.enumerated() { bytes[offset] = byte }
  return mutated.count
}
