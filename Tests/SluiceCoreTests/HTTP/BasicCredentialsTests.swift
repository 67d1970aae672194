import SluiceCore
import Testing

struct BasicCredentialsTests {
  static let rows: [(label: String, header: String?, user: String?, password: String?)] = [
    ("as they are", "Basic YnJpZGdlOnMzY3JldA==", "bridge", "s3cret"),
    ("the scheme's case does not matter", "bASIC YnJpZGdlOnMzY3JldA==", "bridge", "s3cret"),
    ("a colon in the password", "Basic YTpiOmM=", "a", "b:c"),
    ("an empty password", "Basic YTo=", "a", ""),
    ("no colon", "Basic YnJpZGdl", nil, nil),
    ("no base64", "Basic bridge:s3cret", nil, nil),
    ("no UTF-8", "Basic /zo=", nil, nil),
    ("another scheme", "Bearer YnJpZGdlOnMzY3JldA==", nil, nil),
    ("nothing behind it", "Basic", nil, nil),
    ("empty", "", nil, nil), ("none", nil, nil, nil),
  ]
  @Test(arguments: rows)
  func reads(label: String, header: String?, user: String?, password: String?) {
    let request = HTTPRequest(
      method: "POST", path: "/", headers: header.map { ["authorization": $0] } ?? [:])
    let credentials = Proof.basicCredentials(in: request)
    #expect(credentials?.user == user)
    #expect(credentials?.password == password)
  }
}
