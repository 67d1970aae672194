import SluiceCore
import Testing

struct ProofTests {
  @Test func onlyTheSecretProves() {
    let proof = Proof(of: Secret("Tok3n".utf8))
    #expect(proof.isProven(by: "Tok3n"))
    for other in ["", "tok3n", "Tok3", "Tok3n ", "Tok3n\0", nil] {
      #expect(!proof.isProven(by: other))
    }
    // Canonically equal is not equal.
    #expect(!Proof(of: Secret("\u{E9}".utf8)).isProven(by: "e\u{301}"))
  }

  @Test func nothingProvesTheImpossible() {
    #expect(!Proof.impossible.isProven(by: nil))
    #expect(!Proof.impossible.isProven(by: ""))
  }

  static let headers: [(value: String?, token: String?)] = [
    ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER abc", "abc"),
    ("Bearer", nil), ("Bearer ", nil), ("Basic abc", nil), ("abc", nil), ("", nil), (nil, nil),
  ]
  @Test(arguments: headers)
  func findsTheToken(value: String?, token: String?) {
    let request = HTTPRequest(
      method: "POST", path: "/", headers: value.map { ["authorization": $0] } ?? [:])
    #expect(Proof.bearerToken(in: request) == token)
  }
}
