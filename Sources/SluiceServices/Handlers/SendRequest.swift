import SluiceCore

/// What the platform asks of `/message`, checked (PROTOCOL, "IS-Messenger to Sluice").
struct SendRequest: Equatable {
  let contact: ContactID
  let content: MessageContent

  /// - Throws: The answer that refuses it.
  init(body: [UInt8], channel: ChannelSettings) throws(SendRefusal) {
    guard !body.isEmpty else { throw SendRefusal(400, "The body is empty. Send a JSON object.") }
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(body)
    } catch {
      throw SendRefusal(400, error.description)
    }
    guard json.members != nil else {
      throw SendRefusal(400, "The body is \(json.kind). Send a JSON object.")
    }
    // Missing is fine; a wrong one means that two channels' addresses were mixed up.
    if let channelID = json["channelId"], channelID != .null {
      let text = channelID.string ?? channelID.integer.map(String.init)
      guard let text, text.utf8.elementsEqual(channel.channelID.utf8) else {
        throw SendRefusal(422, "channelId is not this channel's. Check the channel's base URL.")
      }
    }
    guard let contactID = json["contactId"]?.string else {
      throw SendRefusal(422, "contactId is missing, or is not a string.")
    }
    guard let message = json["message"] else { throw SendRefusal(422, "message is missing.") }
    do throws(ContactIDError) {
      contact = try ContactID(contactID, type: channel.idType)
    } catch {
      throw SendRefusal(422, error.description)
    }
    do throws(MessageContentError) {
      content = try MessageContent(json: message)
    } catch {
      throw SendRefusal(422, error.description)
    }
  }
}

struct SendRefusal: Error, Equatable {
  let status: Int
  let message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}
