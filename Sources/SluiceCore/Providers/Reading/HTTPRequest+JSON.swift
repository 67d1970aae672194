extension HTTPRequest {
  /// The body of a webhook that is known to be authentic, as a JSON object.
  /// - Parameter maximumKeys: More than the default for providers that put much into one webhook.
  func jsonObject(
    maximumKeys: Int = JSONReader.maximumKeys
  ) throws(WebhookError) -> JSON {
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(body, maximumKeys: maximumKeys)
    } catch {
      throw .notUnderstood(error.description)
    }
    guard json.members != nil else {
      throw .notUnderstood("The body is \(json.kind); an object is expected.")
    }
    return json
  }
}
