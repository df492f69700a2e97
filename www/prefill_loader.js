// Fetches what reads the address, where it asks for something before `#`. Wrapped by src/effects/address.rs.

export async function asked() {
  const { search } = location;
  return search ? (await import(new URL("prefill.js", document.baseURI).href)).read(search) : "";
}
