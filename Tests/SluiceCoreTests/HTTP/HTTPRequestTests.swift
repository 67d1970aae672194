import SluiceCore
import Testing

struct HTTPRequestTests {
  static let rows: [(query: String, names: [String], left: String)] = [
    ("a=1&secret=x&b=2", ["secret"], "a=1&b=2"), ("secret=x", ["secret"], ""),
    ("secret=x&secret=y&a=%2B+", ["secret"], "a=%2B+"), ("a=1&%73e%63ret=x", ["secret"], "a=1"),
    ("secret&a", ["secret"], "a"), ("a=1&&b", ["secret"], "a=1&&b"),
    ("secrets=x&Secret=y", ["secret"], "secrets=x&Secret=y"), ("my+key=x&a", ["my key"], "a"),
    ("%zz=1&secret=x", ["secret"], "%zz=1"), ("a=secret=x", ["secret"], "a=secret=x"),
    ("sig=x&secret=y&a", ["secret", "sig"], "a"), ("secret=x", [], "secret=x"), ("", ["a"], ""),
  ]
  @Test(arguments: rows)
  func leavesFieldsOut(query: String, names: [String], left: String) {
    let request = HTTPRequest(method: "GET", path: "/", query: query)
    #expect(request.query(without: names) == left)
  }
}
