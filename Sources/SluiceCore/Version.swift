/// This release (https://semver.org), as programs and logs name it.
package enum Version {
  package static let current = "0.1.0"
}
