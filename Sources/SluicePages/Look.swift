import Crypto
import FoundationEssentials
import SluiceCore

/// What all our pages share: colours, type, controls.
package enum Look {
  /// The style sheet that each page's own follows.
  package static var style: [UInt8] { PackageResources.look_css }

  /// The mark as a `data:` URL, for the tab.
  package static let icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    + "%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E"
    + "%3Cpath d='M6 11c3.3-3 6.7-3 10 0s6.7 3 10 0M6 21c3.3-3 6.7-3 10 0s6.7 3 10 0'"
    + " fill='none' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E"

  /// The mark beside the name.
  package static let mark: HTML = """
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>\
    <path d="M6 11c3.3-3 6.7-3 10 0s6.7 3 10 0M6 21c3.3-3 6.7-3 10 0s6.7 3 10 0"/></svg>
    """

  /// A source's digest as a content security policy names it.
  package static func digest(_ source: [UInt8]) -> String {
    "sha256-" + Data(SHA256.hash(data: source)).base64EncodedString()
  }
}
