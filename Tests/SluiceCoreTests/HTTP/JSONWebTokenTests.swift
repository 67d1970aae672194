import SluiceCore
import SluiceProviderSamples
import Testing

struct JSONWebTokenTests {
  private static let secret = "a-secret-of-the-tests"
  private static let token = TokenSigner.token(["iss": "us"], secret: secret)

  private static func read(_ text: String, secret: String = secret) -> JSONWebToken? {
    JSONWebToken(text, secret: Secret(secret.utf8), algorithms: [.hs256])
  }

  @Test func readsWhatIsSigned() {
    #expect(Self.read(Self.token)?.claims == ["iss": "us"])
  }

  /// RFC 7515, appendix A.1; there are line ends in its header and claims.
  @Test func readsTheExampleOfTheRFC() throws {
    let key = try #require(
      Base64URL.bytes(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
    let token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
      + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
      + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    let read = JSONWebToken(token, secret: Secret(key), algorithms: [.hs256])
    #expect(read?.claims["iss"] == "joe")
  }

  static let forgeries: [(label: String, token: String)] = [
    ("another secret", TokenSigner.token(["iss": "us"], secret: secret + "x")),
    ("no algorithm", TokenSigner.token(["iss": "us"], secret: secret, header: #"{"alg":"none"}"#)),
    (
      "a public key's",
      TokenSigner.token(["iss": "us"], secret: secret, header: #"{"alg":"RS256"}"#)
    ),
    (
      "one not asked for",
      TokenSigner.token(["iss": "us"], secret: secret, header: #"{"alg":"HS512"}"#)
    ),
    ("lower case", TokenSigner.token(["iss": "us"], secret: secret, header: #"{"alg":"hs256"}"#)),
    (
      "two algorithms",
      TokenSigner.token(["iss": "us"], secret: secret, header: #"{"alg":"HS256","alg":"none"}"#)
    ),
    ("no header", TokenSigner.token(["iss": "us"], secret: secret, header: "")),
    ("a header that is no object", TokenSigner.token(["iss": "us"], secret: secret, header: "7")),
    ("signature cut off", String(token.dropLast())),
    ("no signature", token.split(separator: ".").dropLast().joined(separator: ".") + "."),
    ("two parts", token.split(separator: ".").dropLast().joined(separator: ".")),
    ("four parts", token + ".e30"),
    ("padded", token + "="),
    ("other claims", token.replacing(".eyJ", with: ".eyI")),
    ("white space", " " + token),
    ("empty", ""), ("dots", ".."), ("not ASCII", "é.é.é"),
    ("endless", token + String(repeating: "A", count: 9_000)),
  ]
  @Test(arguments: forgeries)
  func refuses(label: String, token: String) {
    #expect(Self.read(token) == nil)
  }
}
