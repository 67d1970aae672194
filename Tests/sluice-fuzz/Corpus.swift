import Glibc
import SluiceCore
import SluiceProviderSamples
import SluiceTesting

/// What an input is to the fuzzer: two bytes for the target, the most significant first, and what it
/// gets.
enum Corpus {
  private static let targets = ProviderSample.all.flatMap { $0.fuzzTargets() }

  static func problem(with input: [UInt8]) -> String? {
    guard input.count >= 2 else { return nil }
    return target(of: input).problem(with: Array(input.dropFirst(2)))
  }

  private static func target(of input: [UInt8]) -> FuzzTarget {
    targets[(Int(input[0]) << 8 | Int(input[1])) % targets.count]
  }

  /// One input a target, in files that are named by its number.
  static func write(to directory: String) {
    for (number, target) in targets.enumerated() {
      let input = input(number, target)
      let path = "\(directory)/\(number)"
      let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      guard file >= 0, Glibc.write(file, input, input.count) == input.count else {
        preconditionFailure("\(path): \(String(cString: strerror(errno)))")
      }
      close(file)
    }
    print("\(targets.count) targets")
  }

  static func randomSeed(_ random: inout SplitMix64) -> [UInt8] {
    let number = Int.random(in: targets.indices, using: &random)
    return input(number, targets[number])
  }

  private static func input(_ number: Int, _ target: FuzzTarget) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 0xFF)] + target.seed
  }

  static func show(_ path: String) {
    do throws(FileError) {
      let input = try File.read(path, atMost: 1 << 20)
      guard input.count >= 2 else { return print("\(path) is too short to name a target.") }
      print("\(target(of: input)):\n\(String(decoding: input.dropFirst(2), as: UTF8.self).escaped)")
    } catch {
      print("\(path): \(error)")
    }
  }
}
