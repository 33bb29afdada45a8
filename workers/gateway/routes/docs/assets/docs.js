/** Boots the reference page. "Try it out" calls the deployment that serves the page, whichever servers the API names. */
async function showReference() {
  const response = await fetch('/openapi.json');
  const description = await response.json();
  window.SwaggerUIBundle({
    dom_id: '#reference',
    spec: { ...description, servers: [{ url: window.location.origin }] },
    deepLinking: true,
    validatorUrl: null, // the default would send the description to a service of the vendor
  });
}

void showReference();
