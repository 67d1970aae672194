import SluiceCore
import Testing

/// Vectors of signatures over a raw body, with secrets too short for our settings.
struct BodySignatureTests {
  static let vectors: [(label: String, secret: String, body: String, hex: String)] = [
    (
      "Meta's scheme, `openssl dgst -sha256 -hmac`", "appsecret",
      #"{"object":"whatsapp_business_account","entry":[]}"#,
      "09eceea024af6e6343b760cc9bd3ae7c056938dd636e24e92109eb8219500384"
    )
  ]
  @Test(arguments: vectors)
  func agrees(label: String, secret: String, body: String, hex: String) throws {
    let signature = try #require(Hex.bytes(hex))
    let other = Secret("another".utf8)
    #expect(BodySignature([Secret(secret.utf8)]).isProven(by: signature, of: Array(body.utf8)))
    #expect(
      BodySignature([other, Secret(secret.utf8)]).isProven(by: signature, of: Array(body.utf8)))
    #expect(!BodySignature([other]).isProven(by: signature, of: Array(body.utf8)))
    #expect(
      !BodySignature([Secret(secret.utf8)]).isProven(by: signature, of: Array("\(body)\n".utf8)))
  }

  @Test func nothingProvesNothing() {
    let signature = BodySignature([Secret("a".utf8)])
    #expect(!signature.isProven(by: nil, of: []))
    #expect(!signature.isProven(by: [], of: []))
    #expect(!BodySignature([]).isProven(by: [], of: []))
  }
}
