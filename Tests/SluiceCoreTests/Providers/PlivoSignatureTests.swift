import SluiceCore
import SluiceTesting
import Testing

struct PlivoSignatureTests {
  struct Vector: CustomTestStringConvertible {
    let testDescription: String
    var header = "x-plivo-signature-v3"
    var method = "POST"
    var url = "https://hub.example.org/in/plivo"
    var query = ""
    var body = ""
    var nonce = "12345"
    let signature: String

    var request: HTTPRequest {
      let nonceHeader = header.replacing("-ma", with: "") + "-nonce"
      return HTTPRequest(
        method: method, path: "/", query: query, headers: [header: signature, nonceHeader: nonce],
        body: Array(body.utf8))
    }

    var isValid: Bool {
      PlivoSignature(token: Secret("my_auth_token".utf8)).isValid(on: request, to: url)
    }
  }

  private static let form =
    "From=46700000001&To=46710000002&Text=Hej+d%C3%A5&Type=sms"
    + "&MessageUUID=5b40a428-bfc7-4daf-9d06-726c558bf3b8"

  /// The first is that of `plivo/plivo-python: tests/resources/test_signature.py`; the others were
  /// computed with the code there.
  static let vectors: [Vector] = [
    Vector(
      testDescription: "v2, official", header: "x-plivo-signature-v2", url: "https://answer.url",
      signature: "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="),
    Vector(
      testDescription: "v2", header: "x-plivo-signature-v2",
      signature: "SdTg8aC3qs5uo+9yzgjO+/s69UCr0r/dBfGBER46SXk="),
    Vector(
      testDescription: "v2 leaves out query and body", header: "x-plivo-signature-v2",
      query: "t=1", body: form, signature: "SdTg8aC3qs5uo+9yzgjO+/s69UCr0r/dBfGBER46SXk="),
    Vector(
      testDescription: "v2, main account", header: "x-plivo-signature-ma-v2",
      signature: "SdTg8aC3qs5uo+9yzgjO+/s69UCr0r/dBfGBER46SXk="),
    Vector(
      testDescription: "v3, a form", body: form,
      signature: "96JvrmWitUYT6I1dMSbD9/njs2+JPT68PfIT5FkFyAU="),
    Vector(
      testDescription: "v3, main account", header: "x-plivo-signature-ma-v3", body: form,
      signature: "96JvrmWitUYT6I1dMSbD9/njs2+JPT68PfIT5FkFyAU="),
    Vector(
      testDescription: "v3, a form and a query", query: "t=1&a=2", body: form,
      signature: "FVCrMB9jg8ab2nQ12GCGFPNcQ99xeaSXyl6E9DujdNk="),
    Vector(
      testDescription: "v3, GET", method: "GET", query: "t=1&a=2&From=46700000001",
      signature: "OWP+Nij/lE2/xdrIJuKt9gkuUcK64Q6FPc4k2VGoZhk="),
    Vector(
      testDescription: "v3, with two tokens while one is changed", body: form,
      signature: "AAAA, 96JvrmWitUYT6I1dMSbD9/njs2+JPT68PfIT5FkFyAU="),
  ]
  @Test(arguments: vectors)
  func accepts(vector: Vector) { #expect(vector.isValid) }

  static let changes: [(label: String, change: @Sendable (Vector) -> Vector)] = [
    ("another host", { $0.with(url: "https://x" + $0.url.dropFirst(8)) }),
    ("http", { $0.with(url: "http" + $0.url.dropFirst(5)) }),
    ("another path", { $0.with(url: $0.url + "/") }),
    ("another nonce", { $0.with(nonce: "12346") }),
    ("a signature cut off", { $0.with(signature: String($0.signature.dropLast(4))) }),
    ("an empty signature", { $0.with(signature: "") }),
    ("no base64", { $0.with(signature: "?" + $0.signature.dropFirst(5)) }),
  ]
  @Test(arguments: changes)
  func refuses(label: String, change: @Sendable (Vector) -> Vector) {
    for vector in Self.vectors { #expect(!change(vector).isValid, "\(vector.testDescription)") }
  }

  /// Only the third version covers the fields.
  @Test func aChangedFieldIsNotAuthentic() {
    for vector in Self.vectors where vector.header.hasSuffix("v3") && !vector.body.isEmpty {
      #expect(!vector.with(body: vector.body.replacing("Hej", with: "Nej")).isValid)
      #expect(!vector.with(body: vector.body + "&a=").isValid)
      #expect(!vector.with(query: vector.query + "&b=1").isValid)
    }
  }

  /// A third signature that is wrong is not made good by a second one that would be right.
  @Test func theThirdVersionCounts() {
    let v2 = Self.vectors[1].request
    #expect(
      PlivoSignature(token: Secret("my_auth_token".utf8)).isValid(on: v2, to: Self.vectors[1].url))
    for header in ["x-plivo-signature-v3", "x-plivo-signature-ma-v3"] {
      var headers = v2.headers
      headers[header] = "AAAA"
      headers["x-plivo-signature-v3-nonce"] = "12345"
      let both = HTTPRequest(method: "POST", path: "/", headers: headers)
      #expect(
        !PlivoSignature(token: Secret("my_auth_token".utf8))
          .isValid(on: both, to: Self.vectors[1].url))
    }
  }

  @Test func withoutANonceThereIsNoProof() {
    for vector in Self.vectors {
      let headers = [vector.header: vector.signature]
      let request = HTTPRequest(
        method: vector.method, path: "/", query: vector.query, headers: headers,
        body: Array(vector.body.utf8))
      let signature = PlivoSignature(token: Secret("my_auth_token".utf8))
      #expect(!signature.isValid(on: request, to: vector.url))
    }
  }
}

extension PlivoSignatureTests.Vector {
  fileprivate func with(
    url: String? = nil, query: String? = nil, body: String? = nil, nonce: String? = nil,
    signature: String? = nil
  ) -> Self {
    Self(
      testDescription: testDescription, header: header, method: method, url: url ?? self.url,
      query: query ?? self.query, body: body ?? self.body, nonce: nonce ?? self.nonce,
      signature: signature ?? self.signature)
  }
}
