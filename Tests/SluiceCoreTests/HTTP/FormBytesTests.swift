import SluiceCore
import Testing

struct FormBytesTests {
  static let rows: [(label: String, form: String, fields: [String])] = [
    ("as it came", "b=1&a=2", ["b:1", "a:2"]),
    ("escapes", "a%20b=%2B+c", ["a b:+ c"]),
    ("no value", "a&b=", ["a:", "b:"]),
    ("the first equals sign splits", "a=b=c", ["a:b=c"]),
    ("broken escapes stand for themselves", "a=%4&b=%zz&c=%", ["a:%4", "b:%zz", "c:%"]),
    ("nothing between", "&&a=1&", ["a:1"]),
    ("empty", "", []),
  ]
  @Test(arguments: rows)
  func decodes(label: String, form: String, fields: [String]) throws {
    let pairs = try #require(FormBytes(form.utf8)).pairs
    #expect(pairs.map { String(decoding: $0.name + [0x3A] + $0.value, as: UTF8.self) } == fields)
  }

  @Test func sortsByBytes() throws {
    let form = try #require(FormBytes("b=1&a=2&B=3&a=1&%C3%A9=4&%E2%82%AC=5&a%00=6".utf8))
    #expect(
      form.sorted.map { String(decoding: $0.value, as: UTF8.self) } == "3126145".map(String.init))
  }

  @Test func takesBytesThatAreNoText() throws {
    #expect(try #require(FormBytes("a=%FF".utf8)).pairs[0].value == [0xFF])
  }

  @Test func refusesMoreThanTwoHundredFields() {
    #expect(FormBytes(String(repeating: "a&", count: 200).utf8)?.pairs.count == 200)
    #expect(FormBytes(String(repeating: "a&", count: 201).utf8) == nil)
  }
}
